import type { Check } from '../../checks/check.js';
import { CHECKS } from '../../checks/registry.js';
import { suggestion } from '../../policy/suggestion.js';
import { writeOutput } from '../output.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

/**
 * Prints all that a check has to say about itself. A name alone stands for every check that has it, since a host and
 * its domains may each have one.
 * @throws UsageError for an id that no check has, and where it cannot be printed
 */
export function explain(id: string): Ending {
  const checks = CHECKS.filter((candidate) => candidate.id === id || candidate.id.endsWith(`/${id}`));
  if (checks.length === 0) {
    const ids = CHECKS.map((candidate) => candidate.id);
    const close = suggestion(id, [...ids, ...ids.map((it) => it.replace(/^.*\//, ''))]);
    throw new UsageError(`there is no check '${id}'${close}; virt-clock-audit checks lists them`);
  }
  writeOutput(checks.map(renderExplanation).join('\n'), undefined);
  return { exitCode: 0, audited: false };
}

function renderExplanation({ id, title, rationale, outcomes, fix, references }: Check): string {
  const outcomeLines = Object.entries(outcomes).map(([outcome, when]) =>
    wrap(`${outcome.padEnd(16)}${when}`, 18),
  );
  return `${id}: ${title}

${wrap(rationale)}

Outcomes
${outcomeLines.map((line) => `  ${line}`).join('\n')}

Fix
${wrap(fix)}

References
${references.map((reference) => `  ${reference.title}\n    ${reference.url}`).join('\n')}
`;
}

/** Breaks a text at 78 columns; further lines are indented. */
function wrap(text: string, indent = 0): string {
  const lines = [''];
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const line = lines.at(-1) ?? '';
    if (line.trim() !== '' && line.length + 1 + word.length > 78) lines.push(' '.repeat(indent) + word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
