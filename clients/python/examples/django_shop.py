r"""A help centre with Django, in one file: a signed-in visitor rates an article, and the back end reads the votes.

    pip install django tilfreds-client
    TILFREDS=https://tilfreds.example SITE_KEY=... SIGNING_SECRET=tfs_... API_KEY=tfk_... \
        python django_shop.py runserver

The site's allowed origins must include the address of this server.
"""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.crypto import get_random_string
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from tilfreds_client import Client, sign

TILFREDS, SITE_KEY, SECRET = (os.environ[name] for name in ("TILFREDS", "SITE_KEY", "SIGNING_SECRET"))
tilfreds = Client(TILFREDS, os.environ["API_KEY"])

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("SESSION_SECRET") or get_random_string(50),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    USE_TZ=True,
)

PAGE = """<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>{title}</title><h1>{title}</h1>
<tilfreds-rating visitor="{visitor}" signature="{signature}" expires="{expires}"></tilfreds-rating>
<script async src="{tilfreds}/w/{site_key}.js"></script>"""


@require_POST
def sign_in(request):
    """Replace this with your sign-in, which also has a CSRF token: this one trusts every name."""
    request.session["visitor"] = request.POST["visitor"]
    return redirect("/help/returns")


def article(request, article):
    visitor = request.session.get("visitor")
    if visitor is None:
        return HttpResponse("Sign in first.", status=401)
    signed = sign(SECRET, SITE_KEY, visitor)
    return HttpResponse(format_html(PAGE, title=article, tilfreds=TILFREDS, site_key=SITE_KEY, **signed))


def votes(request):
    """Return the votes on articles. Protect this with your sign-in for people who may read them."""
    article_votes = tilfreds.votes(kind="article", verified=True)
    return JsonResponse({"votes": [{"article": vote["subject"], "answer": vote["answer"]} for vote in article_votes]})


urlpatterns = [path("sign-in", sign_in), path("help/<article>", article), path("votes", votes)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
