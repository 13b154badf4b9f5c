const { tone } = window as unknown as { tone(text: string): Promise<"polite" | "rude"> };

document.querySelector("#ask")?.addEventListener("click", async () => {
  const place = document.querySelector("#answer");
  if (place) place.textContent = await tone("Many thanks for the quick reply");
});
