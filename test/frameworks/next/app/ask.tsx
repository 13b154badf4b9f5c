"use client";

import { useState } from "react";
import tone from "./tone.paw";

export default function Ask() {
  const [answer, setAnswer] = useState<"polite" | "rude">();
  const ask = async () => setAnswer(await tone("Many thanks for the quick reply"));
  return (
    <>
      <button id="ask" type="button" onClick={ask}>
        Ask
      </button>
      <p id="answer">{answer}</p>
    </>
  );
}
