/** A spec to begin with. */
export const EXAMPLE = `---
returns: [polite, rude]
---
Decide whether a message to a colleague is polite or rude.

## Examples

- Could you take a look when you have a minute? => polite
- Thanks a lot, that was quick! => polite
- I would rather do it the other way, if you don't mind. => polite
- Good point, I had missed that. => polite
- Are you blind? It says so on the first page. => rude
- Stop wasting my time. => rude
- Nobody asked you. => rude
- How often do I have to explain this? => rude

## Tests

- Would Tuesday suit you? => polite
- Sorry for the late answer. => polite
- Do your job for once. => rude
- What a stupid question. => rude
`;
