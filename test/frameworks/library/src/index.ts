import tone from "./tone.paw";

/** The program itself: its users see its exact types. */
export { tone };

/** Whether a message is polite. */
export async function isPolite(text: string): Promise<boolean> {
  return (await tone(text)) === "polite";
}
