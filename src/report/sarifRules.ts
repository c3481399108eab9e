import { markdownText } from './markdownText.js';
import type { CheckDescription } from './report.js';
import { literalBraces, sarifMessage } from './sarifText.js';

/** A check as a rule: what is wrong when it fails, why that matters, and what to do. */
export function sarifRule({ id, title, failureTitle, rationale, fix, references }: CheckDescription) {
  const pages = references.filter(({ url }) => isWebPage(url));
  const [first] = pages;
  const text = [fix, ...references.map((reference) => `See ${reference.title}: ${reference.url}`)]
    .map((line) => sarifMessage(line).text)
    .join('\n');
  const markdown = [
    markdownText(fix),
    '',
    ...pages.map(({ title, url }) => `- ${markdownText(title)}: <${url}>`),
  ]
    .map(literalBraces)
    .join('\n');
  return {
    id,
    name: nameOf(id),
    shortDescription: sarifMessage(failureTitle),
    fullDescription: sarifMessage(`${title}. ${rationale}`),
    help: { text, markdown },
    ...(first && { helpUri: first.url }),
  };
}

/** `domain/rtc-track` as `DomainRtcTrack`, which is how rules are called elsewhere. */
function nameOf(id: string): string {
  return id.replace(/(?:^|[/-])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A page on the web, by a URL that ends no autolink of Markdown. */
function isWebPage(url: string): boolean {
  return /^https?:\/\/[\w.~:/?#@!$&'()*+,;=%-]+$/.test(url) && URL.canParse(url);
}
