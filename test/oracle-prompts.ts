import { promptTokens } from "@unplugin-paw/compiler/internals";

/**
 * A hundred prompts of the kind that programs are made of: twenty tasks with five pairs each, of which four are shown
 * and the fifth is asked.
 */
const tasks: [string, [string, string][]][] = [
  [
    "Name the capital.",
    [
      ["France", "Paris"],
      ["Japan", "Tokyo"],
      ["Egypt", "Cairo"],
      ["Canada", "Ottawa"],
      ["Peru", "Lima"],
    ],
  ],
  [
    "Is this review positive or negative?",
    [
      ["I loved it.", "positive"],
      ["It broke at once.", "negative"],
      ["Best purchase this year!", "positive"],
      ["Never again.", "negative"],
      ["It made my day.", "positive"],
    ],
  ],
  [
    "Write the plural of the word.",
    [
      ["mouse", "mice"],
      ["city", "cities"],
      ["box", "boxes"],
      ["child", "children"],
      ["potato", "potatoes"],
    ],
  ],
  [
    "Name the next day.",
    [
      ["Monday", "Tuesday"],
      ["Thursday", "Friday"],
      ["Saturday", "Sunday"],
      ["Wednesday", "Thursday"],
      ["Friday", "Saturday"],
    ],
  ],
  [
    "Extract the year.",
    [
      ["Born in 1984 in Leeds", "1984"],
      ["since March 2019", "2019"],
      ["© 2021 Acme", "2021"],
      ["from 1999 to date", "1999"],
      ["the class of 2007", "2007"],
    ],
  ],
  [
    "Route the message to a team.",
    [
      ["My card was charged twice", "billing"],
      ["I forgot my password", "account"],
      ["The package is damaged", "delivery"],
      ["I want a refund", "billing"],
      ["Where is my parcel?", "delivery"],
    ],
  ],
  [
    "Correct the sentence.",
    [
      ["He go to school.", "He goes to school."],
      ["I has two cats.", "I have two cats."],
      ["They was late.", "They were late."],
      ["She dont like it.", "She doesn't like it."],
      ["We is here.", "We are here."],
    ],
  ],
  [
    "Give the opposite.",
    [
      ["hot", "cold"],
      ["early", "late"],
      ["win", "lose"],
      ["always", "never"],
      ["expensive", "cheap"],
    ],
  ],
  [
    "Write the number in digits.",
    [
      ["three", "3"],
      ["twelve", "12"],
      ["forty", "40"],
      ["nine", "9"],
      ["sixty-one", "61"],
    ],
  ],
  [
    "Is it true or false?",
    [
      ["The sun is a star.", "true"],
      ["Fish live on the moon.", "false"],
      ["Bees make honey.", "true"],
      ["Two plus two is five.", "false"],
      ["Water is wet.", "true"],
    ],
  ],
  [
    "Rewrite in the past tense.",
    [
      ["I walk home.", "I walked home."],
      ["She sings well.", "She sang well."],
      ["They are here.", "They were here."],
      ["We eat at noon.", "We ate at noon."],
      ["He buys bread.", "He bought bread."],
    ],
  ],
  [
    "Extract the name.",
    [
      ["Dear Ms. Alvarez,", "Alvarez"],
      ["This is Tom from sales", "Tom"],
      ["Regards, Priya", "Priya"],
      ["Call me Ishmael.", "Ishmael"],
      ["Ask Bob about it", "Bob"],
    ],
  ],
  [
    "Tag the topic.",
    [
      ["The bank raised its rates.", "business"],
      ["The striker scored twice.", "sport"],
      ["A new phone was shown.", "technology"],
      ["The senate voted.", "politics"],
      ["The team lost the final.", "sport"],
    ],
  ],
  [
    "Name the colour of it.",
    [
      ["grass", "green"],
      ["the sky", "blue"],
      ["snow", "white"],
      ["blood", "red"],
      ["a lemon", "yellow"],
    ],
  ],
  [
    "Make it upper case.",
    [
      ["hello", "HELLO"],
      ["good day", "GOOD DAY"],
      ["stop", "STOP"],
      ["yes", "YES"],
      ["open", "OPEN"],
    ],
  ],
  [
    "Convert to JSON.",
    [
      ["Ann, 30", '{"name":"Ann","age":30}'],
      ["Bob, 41", '{"name":"Bob","age":41}'],
      ["Cy, 7", '{"name":"Cy","age":7}'],
      ["Dee, 55", '{"name":"Dee","age":55}'],
      ["Eve, 19", '{"name":"Eve","age":19}'],
    ],
  ],
  [
    "Write the date as YYYY-MM-DD.",
    [
      ["May 4, 2021", "2021-05-04"],
      ["June 12, 2020", "2020-06-12"],
      ["March 1, 1999", "1999-03-01"],
      ["July 30, 2015", "2015-07-30"],
      ["April 9, 2008", "2008-04-09"],
    ],
  ],
  [
    "Name the language.",
    [
      ["print('hi')", "Python"],
      ["console.log('hi')", "JavaScript"],
      ["SELECT 1", "SQL"],
      ["#include <stdio.h>", "C"],
      ["echo hi", "Bash"],
    ],
  ],
  [
    "Is the text a question?",
    [
      ["Where are you?", "yes"],
      ["I am here.", "no"],
      ["What time is it?", "yes"],
      ["It is late.", "no"],
      ["Who is that?", "yes"],
    ],
  ],
  [
    "Remove the filler words.",
    [
      ["um I like it", "I like it"],
      ["well you know we won", "we won"],
      ["so uh it works", "it works"],
      ["er she left", "she left"],
      ["like he is nice", "he is nice"],
    ],
  ],
];

/** The prompts, as the compiler writes them. */
export function prompts(interpreter: Parameters<typeof promptTokens>[0]): number[][] {
  const { tokenizer, chat } = interpreter;
  return tasks.flatMap(([instructions, pairs]) =>
    pairs.map((asked) => {
      const shots = pairs.filter((pair) => pair !== asked).map(([input, output]) => ({ input, output }));
      const prompt = promptTokens(interpreter, { instructions, shots });
      return [...prompt, ...tokenizer.encode(asked[0]), ...tokenizer.encodeTemplate(chat.end + chat.assistant)];
    }),
  );
}
