// Puts each rating on the page into its state with the presses that a visitor would make.
const KEPT = "tilfreds:review:";
const PATIENCE_MS = 20_000;
const TWO_DAYS = 172_800_000;
/** The widget shows these states only while a request runs, so this page paints them. */
const MOMENTS = ["saving", "open"];

/** Delete the answers of an earlier visit, which the widget would show again. */
const forget = () => {
  for (const name of Object.keys(localStorage)) if (name.startsWith(KEPT)) localStorage.removeItem(name);
};

/** Store an answer as an earlier page would have done. */
const remember = (subject) => {
  const [born, answer] = [Date.now(), { id: "review", rev: 1, lang: "en", score: 2 }];
  const receipt = { vote: "review", rev: 1, score: 2, comment: false, status: "saved" };
  localStorage[`${KEPT}article,${subject},`] = JSON.stringify({ born, until: born + TWO_DAYS, answer, receipt });
};

/** Return the element as soon as it exists. */
const waitFor = async (rating, selector) => {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const node = rating.shadowRoot.querySelector(selector);
    if (node) return node;
    if (Date.now() > end) throw new Error(`${rating.getAttribute("subject")} has no ${selector}`);
    await new Promise((go) => setTimeout(go, 30));
  }
};
const press = async (rating, selector) => (await waitFor(rating, selector)).click();

/** Press one control after another, each as soon as it exists. */
const comment = async (rating) => {
  await press(rating, "[part=choice]");
  await press(rating, "nav > .link");
};
/** Go to a follow-up question: the first, or a later one. */
const further = async (rating, skipped = 0) => {
  await press(rating, "[part=choice]:last-child");
  for (let at = 0; at < skipped; at++) await press(rating, "[part=next]");
  return waitFor(rating, "[part=further]");
};
const presses = {
  rest: () => {},
  answered: () => {},
  comment,
  comment_saved: async (rating) => {
    await comment(rating);
    const box = await waitFor(rating, "textarea");
    box.value = "…";
    // Leaving the box saves, too, and keeps it open: then the card says that the comment was saved.
    box.dispatchEvent(new Event("change"));
  },
  removed: async (rating) => {
    await comment(rating);
    await press(rating, "footer .link");
  },
  further,
  further_given: async (rating) => {
    const box = (await further(rating)).querySelector("input");
    box.value = "…";
    box.dispatchEvent(new Event("input"));
  },
  further_review: (rating) => further(rating, 1),
  further_chat: (rating) => further(rating, 2),
};

/** Add the rating to its place and put it into its state. */
const show = async (place) => {
  const { lang, state } = place.dataset;
  const subject = `${state}/${lang}`;
  if (state == "answered") remember(subject);
  const rating = document.createElement("tilfreds-rating");
  rating.lang = lang;
  rating.setAttribute("subject", subject);
  place.append(rating);
  if (MOMENTS.includes(state)) rating.paint(state);
  else await (presses[state] ?? ((one) => press(one, "[part=choice]")))(rating);
};

forget();
await customElements.whenDefined("tilfreds-rating");
// One language after another: all at once would wait for each other's requests until some gave up.
for (const section of document.querySelectorAll("section"))
  await Promise.all([...section.querySelectorAll("figure")].map(show));
// Each comment took the focus, and the page went along with it.
document.activeElement?.blur();
(document.getElementById(location.hash.slice(1)) ?? document.body).scrollIntoView();
document.documentElement.dataset.shown = "all";
