import { nearCopies } from "@unplugin-paw/spec/similar";

/** An example of another function, for models that follow what they see better than what they are told. */
export const BANK = {
  opening: "For another function, which sorts mails to a bank,",
  kinds: [
    "a traveller abroad whose card was just swallowed by a machine, in a hurry, with typos",
    "a pensioner who asks at length and very politely how to change a standing order",
    "four words about a wrong amount on a statement",
  ],
  label: "card_swallowed",
  inputs: [
    "hi the atm at porto station ate my card 10 min ago what do i do now??",
    "card stuck in machine, flight in 2 hours, PLEASE HELP",
  ],
} as const;

/** Whether a model wrote down the example in place of something of its own. */
export function isOfBank(text: string): boolean {
  if (text.startsWith(BANK.opening)) return true;
  const isNear = nearCopies();
  for (const shown of [...BANK.kinds, ...BANK.inputs]) isNear(shown);
  return isNear(text);
}
