import Ask from "./ask";
import tone from "./tone.paw";

type Props = { searchParams: Promise<{ text?: string }> };

export default async function Page({ searchParams }: Props) {
  const { text } = await searchParams;
  const answer: "polite" | "rude" | null = text === undefined ? null : await tone(text);
  return (
    <>
      <p id="server">{answer}</p>
      <Ask />
    </>
  );
}
