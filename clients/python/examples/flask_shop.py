"""A shop with Flask: a signed-in visitor rates an article and a chat, and the agent's desk shows the ratings live.

    pip install flask tilfreds-client
    TILFREDS=https://tilfreds.example SITE_KEY=... SIGNING_SECRET=tfs_... API_KEY=tfk_... flask --app flask_shop run

The site's allowed origins must include the address of this server.
"""

import os
import secrets

from flask import Flask, abort, redirect, render_template_string, request, session
from tilfreds_client import Client, Refused, agent_token, sign

TILFREDS, SITE_KEY, SECRET = (os.environ[name] for name in ("TILFREDS", "SITE_KEY", "SIGNING_SECRET"))
tilfreds = Client(TILFREDS, os.environ["API_KEY"])

app = Flask(__name__)
app.secret_key = os.environ.get("SESSION_SECRET") or secrets.token_bytes(32)

PAGE = """<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>{{ title }}</title><h1>{{ title }}</h1>
{% if signed %}<tilfreds-rating {% for name, value in signed.items() %}{{ name }}="{{ value }}" {% endfor %}
  {%- if chat %}kind="conversation"{% endif %}></tilfreds-rating>
<script async src="{{ tilfreds }}/w/{{ site_key }}.js"></script>{% endif %}
{% if chat %}<script>
  (self.tilfreds ??= []).push((tilfreds) => tilfreds.ended({{ dict(signed, conversation=chat) | tojson }}));
</script>{% endif %}
{% if token %}<p data-message-id="{{ chat_shown }}-2">It comes tomorrow.</p>
<tilfreds-ratings conversation="{{ chat_shown }}" token="{{ token }}"></tilfreds-ratings>
<script async src="{{ tilfreds }}/agent.js"></script>{% endif %}"""


def page(title, **values):
    return render_template_string(PAGE, title=title, tilfreds=TILFREDS, site_key=SITE_KEY, **values)


@app.post("/sign-in")
def sign_in():
    """Replace this with your sign-in: this one trusts every name."""
    session["visitor"] = request.form["visitor"]
    return redirect("/help/returns")


def visitor():
    return session.get("visitor") or abort(401)


@app.get("/help/<article>")
def article(article):
    return page(article, signed=sign(SECRET, SITE_KEY, visitor()))


@app.post("/chats")
def chat():
    """Send the agent, the messages and the end of your chat. The page then asks the visitor."""
    chat = secrets.token_urlsafe(8)
    tilfreds.put_agent("sam", name="Sam")
    tilfreds.put_conversation(chat, visitor=visitor())
    tilfreds.add_messages(chat, [
        {"external_id": f"{chat}-1", "author": "visitor", "text": request.form["text"]},
        {"external_id": f"{chat}-2", "author": "agent", "agent": "sam", "text": "It comes tomorrow."},
    ])  # fmt: skip
    tilfreds.end(chat, closer="sam")
    return redirect(f"/chats/{chat}")


@app.get("/chats/<chat>")
def ended(chat):
    return page("Your chat", chat=chat, signed=sign(SECRET, SITE_KEY, visitor()))


@app.get("/desk/<chat>")
def desk(chat):
    """Show the ratings to an agent. Protect this with your sign-in: the page must never choose the token's agent."""
    return page("Desk", chat_shown=chat, token=agent_token(SECRET, SITE_KEY, "sam", conversation=chat))


@app.errorhandler(Refused)
def refused(error):
    app.logger.error("Tilfreds rejected the call: %s", error)
    return "Your chat is saved; it cannot be rated now.", 502
