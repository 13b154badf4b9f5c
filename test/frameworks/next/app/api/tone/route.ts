import tone from "../../tone.paw";

export async function GET(request: Request): Promise<Response> {
  const text = new URL(request.url).searchParams.get("text") ?? "";
  return Response.json({ answer: await tone(text) });
}
