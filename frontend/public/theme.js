// Sets the theme before the first paint, from what was chosen in Settings, else from the system. A file of its own and
// not an inline script, because the page's Content-Security-Policy allows none.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("flowstudio-theme");
  } catch {
    // Storage may be closed off; then the system decides.
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  const scheme = dark ? "dark" : "light";
  document.documentElement.dataset.theme = scheme;
  document.documentElement.dataset.mantineColorScheme = scheme;
})();
