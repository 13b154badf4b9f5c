import tone from "../tone.paw";

export const load = async ({ url }: { url: URL }) => {
  const text = url.searchParams.get("text");
  const answer: "polite" | "rude" | null = text === null ? null : await tone(text);
  return { answer };
};
