// Checked against index.d.ts by tsc: calls that the types accept, and calls that they reject.
import { Refused, Tilfreds, agentToken, sign, type Vote } from "tilfreds";

const client = new Tilfreds({ baseUrl: "https://tilfreds.example", apiKey: "tfk_", timeout: 1000 });

export async function scores(): Promise<(number | undefined)[]> {
  const votes: Vote[] = [];
  for await (const vote of client.votes({ verified: true, since: new Date() })) votes.push(vote);
  return votes.map((vote) => vote.answer?.score);
}

export async function chat(): Promise<boolean> {
  await client.putConversation("c", { channel: "phone", custom_fields: { plan: "gold" } });
  await client.addMessages("c", [{ external_id: "m", author: "visitor", text: "Hello" }]);
  // @ts-expect-error no such channel
  await client.putConversation("c", { channel: "pigeon" });
  // @ts-expect-error a message has an author
  await client.addMessages("c", [{ external_id: "m", text: "Hello" }]);
  try {
    return (await client.end("c", { endedAt: new Date() })).asked;
  } catch (error) {
    if (error instanceof Refused) return error.status == 409;
    throw error;
  }
}

export const proofs: Promise<[{ signature: string }, string]> = Promise.all([
  sign({ secret: "tfs_", siteKey: "k", visitor: "ann", role: "staff" }),
  agentToken({ secret: "tfs_", siteKey: "k", agent: "sam" }),
]);
