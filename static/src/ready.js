/** Runs once the page's own elements are there. @param {() => void} run */
export const ready = (run) =>
  document.readyState == "loading" ? document.addEventListener("DOMContentLoaded", run) : run();
