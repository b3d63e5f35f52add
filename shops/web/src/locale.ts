/** The language of where an element stands; the browser's where a page names none, or one that no Intl knows. */
export function localeOf(element: HTMLElement): string {
  const { lang } = element.closest<HTMLElement>("[lang]") ?? document.documentElement;
  // Platforms write it as they keep it: "fr_FR". None at all is refused, too.
  try {
    return Intl.getCanonicalLocales(lang.replaceAll("_", "-"))[0] as string;
  } catch {
    return navigator.language;
  }
}
