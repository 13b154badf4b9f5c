import tone from "../../app/tone.paw";

export default defineEventHandler(async (event) => {
  const { text } = getQuery(event);
  const answer: "polite" | "rude" = await tone(String(text));
  return { answer };
});
