"""The demo page in Python: Flask, and the flags of a project by the Unleash SDK.

The SDK asks for the flags every 15 seconds and answers from memory in between. The page asks every 30 seconds.
"""

import json
import os
import sys
from datetime import datetime, timezone

from flask import Flask, jsonify, render_template, request
from UnleashClient import UnleashClient
from UnleashClient.events import UnleashEventType

UNLEASH_URL = os.environ.get("UNLEASH_URL", "").strip()
UNLEASH_INSTANCE_ID = os.environ.get("UNLEASH_INSTANCE_ID", "").strip()
# The environment: the server takes the name of the application for it.
UNLEASH_APP_NAME = os.environ.get("UNLEASH_APP_NAME", "").strip() or "production"
PORT = os.environ.get("PORT", "").strip() or "8080"

REFRESH_SECONDS = 30
LONGEST_USER = 256

FLAGS = {
    "dark_mode": "Draws the page in light text on a dark background.",
    "holiday_banner": "Shows a greeting above the cards.",
    "new_layout": "Puts the cards into one column, one below the other.",
    "fun_fonts": "Sets the text in a handwritten font of your system.",
}

BANNER = "Happy holidays, and a good start into the new year!"

POLICY = "; ".join([
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
])

# The definitions as the server sent them, by name: what a card says of its flag. The SDK itself decides who has it.
# None until the first answer.
fetched = None


def check_settings():
    names = {"UNLEASH_URL": UNLEASH_URL, "UNLEASH_INSTANCE_ID": UNLEASH_INSTANCE_ID}
    missing = [name for name, value in names.items() if not value]
    if missing:
        fail(
            f"{' and '.join(missing)} must be set. "
            "Copy .env.example to .env and fill in the values that "
            "`bin/feature-flag project configure demo` prints, or those of the Configure panel."
        )
    if not UNLEASH_URL.startswith(("http://", "https://")):
        fail(f'UNLEASH_URL is "{UNLEASH_URL}", which is no URL. Copy the API URL of the Configure panel.')
    if not PORT.isdecimal() or int(PORT) > 65535:
        fail(f'PORT is "{PORT}". Give a number from 0 (any free port) to 65535.')


def fail(sentence):
    print(f"ERROR: {sentence}", file=sys.stderr)
    sys.exit(1)


def remember(event):
    """Called by the SDK when it has fetched flags that differ from the last ones."""
    global fetched
    if event.event_type == UnleashEventType.FETCHED:
        fetched = {flag["name"]: flag for flag in json.loads(event.raw_features)["features"]}


def describe(name):
    """Whom a flag is on for, in words."""
    flag = (fetched or {}).get(name)
    if flag is None:
        return "No such flag in this environment: off for all users."
    if not flag["enabled"]:
        return "Switched off for all users."
    parts = [audience(strategy["name"], strategy.get("parameters", {})) for strategy in flag["strategies"]]
    return f"For {', and for '.join(parts)}."


def audience(strategy, parameters):
    bases = {
        "default": "by available ID",
        "userId": "by user ID",
        "sessionId": "by session ID",
        "random": "at random",
    }
    if strategy == "default":
        return "all users"
    if strategy == "userWithId":
        count = len([one for one in parameters.get("userIds", "").split(",") if one])
        return "1 user by ID" if count == 1 else f"{count} users by ID"
    if strategy == "flexibleRollout":
        return f"{parameters['rollout']} % of users {bases.get(parameters['stickiness'], '')}"
    if strategy == "gradualRolloutUserId":
        return f"{parameters['percentage']} % of users by user ID"
    return f'the strategy "{strategy}"'


check_settings()
app = Flask(__name__)
unleash = UnleashClient(
    url=UNLEASH_URL,
    app_name=UNLEASH_APP_NAME,
    instance_id=UNLEASH_INSTANCE_ID,
    refresh_interval=15,
    metrics_interval=60,
    event_callback=remember,
)
unleash.initialize_client()


def state():
    """What the page shows for the user of the request; static/refresh.js asks for it as JSON."""
    user = request.args.get("user", "").strip()[:LONGEST_USER] or "1"
    cards = [
        {"name": name, "does": does, "on": unleash.is_enabled(name, {"userId": user}), "why": describe(name)}
        for name, does in FLAGS.items()
    ]
    return {
        "user": user,
        "cards": cards,
        "notice": "" if fetched is not None else "Not yet connected: all flags are off until the first answer.",
        "banner": BANNER if any(card["on"] and card["name"] == "holiday_banner" for card in cards) else "",
        "askedAt": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        "source": f'UnleashClient, environment "{UNLEASH_APP_NAME}"',
    }


@app.route("/")
def page():
    shown = state()
    user = shown["user"]
    number = int(user) if user.isascii() and user.isdigit() and not user.startswith("0") and len(user) <= 15 else 0
    classes = " ".join(card["name"] for card in shown["cards"] if card["on"])
    settings = {"refresh_seconds": REFRESH_SECONDS, "longest_user": LONGEST_USER}
    return render_template("index.html", number=number, classes=classes, **settings, **shown)


@app.route("/state.json")
def state_as_json():
    return jsonify(state())


@app.after_request
def protect(response):
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(PORT), debug=False)
