// A shop with Express: a signed-in visitor rates an article and a chat, and the agent's desk shows the ratings live.
//
//   npm install express tilfreds
//   export TILFREDS=https://tilfreds.example SITE_KEY=... SIGNING_SECRET=tfs_... API_KEY=tfk_... PORT=3000
//   node express-shop.mjs
//
// The site's allowed origins must include the address of this server.
import { randomBytes } from "node:crypto";
import express from "express";
import { Refused, Tilfreds, agentToken, sign } from "tilfreds";

const { TILFREDS, SITE_KEY: siteKey, SIGNING_SECRET: secret, API_KEY: apiKey, PORT = 3000 } = process.env;
const tilfreds = new Tilfreds({ baseUrl: TILFREDS, apiKey });
const app = express();
app.use(express.urlencoded({ extended: false }));

/** Replace this with your sign-in: it trusts every name, until this process ends. */
const sessions = new Map();
app.post("/sign-in", (request, response) => {
  const id = randomBytes(16).toString("hex");
  sessions.set(id, request.body.visitor);
  response.cookie("session", id, { httpOnly: true, sameSite: "lax" }).redirect(303, "/help/returns");
});
app.use((request, response, next) => {
  request.visitor = sessions.get(/(?:^|; )session=(\w+)/.exec(request.headers.cookie ?? "")?.[1]);
  if (request.visitor) next();
  else response.status(401).send("Sign in first.");
});

app.get("/help/:article", async (request, response) => {
  const signed = await sign({ secret, siteKey, visitor: request.visitor });
  response.send(
    page(request.params.article, `<tilfreds-rating ${attributes(signed)}></tilfreds-rating>${tag("w/" + siteKey)}`),
  );
});

// After your chat ends, send the agent, the messages and the end. The page then asks the visitor.
app.post("/chats", async (request, response) => {
  const chat = randomBytes(8).toString("hex");
  await tilfreds.putAgent("sam", { name: "Sam" });
  await tilfreds.putConversation(chat, { visitor: request.visitor });
  await tilfreds.addMessages(chat, [
    { external_id: `${chat}-1`, author: "visitor", text: request.body.text },
    { external_id: `${chat}-2`, author: "agent", agent: "sam", text: "It comes tomorrow." },
  ]);
  await tilfreds.end(chat, { closer: "sam" });
  response.redirect(303, `/chats/${chat}`);
});

app.get("/chats/:chat", async (request, response) => {
  const signed = await sign({ secret, siteKey, visitor: request.visitor });
  const detail = JSON.stringify({ conversation: request.params.chat, ...signed }).replaceAll("<", "\\u003c");
  response.send(
    page(
      "Your chat",
      `<tilfreds-rating kind="conversation" ${attributes(signed)}></tilfreds-rating>${tag("w/" + siteKey)}
    <script>(self.tilfreds ??= []).push((tilfreds) => tilfreds.ended(${detail}))</script>`,
    ),
  );
});

// Protect this with your sign-in for agents: the page must never choose the agent of the token.
app.get("/desk/:chat", async (request, response) => {
  const { chat } = request.params;
  const token = await agentToken({ secret, siteKey, agent: "sam", conversation: chat });
  response.send(
    page(
      "Desk",
      `<p ${attributes({ "data-message-id": `${chat}-2` })}>It comes tomorrow.</p>
    <tilfreds-ratings ${attributes({ conversation: chat, token })}></tilfreds-ratings>${tag("agent")}`,
    ),
  );
});

app.use((error, request, response, next) => {
  if (!(error instanceof Refused)) return next(error);
  console.error("Tilfreds rejected the call:", error.message);
  response.status(502).send("Your chat is saved; it cannot be rated now.");
});

function page(title, inside) {
  const name = escaped(title);
  const head = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>${name}</title>`;
  return `${head}<h1>${name}</h1>${inside}`;
}

function tag(file) {
  return `<script async src="${TILFREDS}/${file}.js"></script>`;
}

function attributes(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(" ");
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

app.listen(PORT, "127.0.0.1");
