import tone from "../tone.paw";

/** What a window asks the main process for. */
export async function judge(text: string): Promise<"polite" | "rude"> {
  return await tone(text);
}
