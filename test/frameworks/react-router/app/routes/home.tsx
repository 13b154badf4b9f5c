import { useState } from "react";
import tone from "../tone.paw";
import type { Route } from "./+types/home";

export async function loader({ request }: Route.LoaderArgs) {
  const text = new URL(request.url).searchParams.get("text");
  const answer: "polite" | "rude" | null = text === null ? null : await tone(text);
  return { answer };
}

export default function Home({ loaderData }: Route.ComponentProps) {
  const [answer, setAnswer] = useState<"polite" | "rude">();
  const ask = async () => setAnswer(await tone("Many thanks for the quick reply"));
  return (
    <>
      <p id="server">{loaderData.answer}</p>
      <button id="ask" type="button" onClick={ask}>
        Ask
      </button>
      <p id="answer">{answer}</p>
    </>
  );
}
