import { PROFILE_NAMES, PROFILES, type Profile } from '../../policy/profiles.js';
import { THRESHOLD_DESCRIPTIONS, THRESHOLD_NAMES } from '../../policy/thresholdDescriptions.js';
import { DEFAULT_THRESHOLDS } from '../../policy/thresholds.js';
import { GENERATED } from '../reference.js';
import { variableOf } from './configurationVariables.js';

/** The documentation of limits and profiles, in Markdown. */
export function profilesReference(): string {
  const limits = THRESHOLD_NAMES.map((name) => {
    const { meaning, because, source } = THRESHOLD_DESCRIPTIONS[name];
    return `| \`${name}\` | ${DEFAULT_THRESHOLDS[name]} | ${cell(meaning)} | ${cell(because)} ([source](${source})) |`;
  });
  const variables = ['profile', 'fleetTimeZone', ...THRESHOLD_NAMES].map(
    (name) => `| \`${name}\` | \`${variableOf(name)}\` |`,
  );
  return `${GENERATED}

# Limits and profiles

How to choose and change them is told in [configuration.md](configuration.md).

## Limits

The units are in the names. Every limit is above zero, and one of a warning is never above that of its failure.

| limit | default | meaning | why |
|---|---|---|---|
${limits.join('\n')}

## Variables

| setting | environment variable |
|---|---|
${variables.join('\n')}

## Profiles

What a profile does not name is that of \`default\`.

${PROFILE_NAMES.map((name) => profileSection(name, PROFILES[name])).join('\n')}`;
}

function profileSection(name: string, { about, references, thresholds, checks }: Profile): string {
  const limits = Object.entries(thresholds).map(
    ([limit, { value, because, source }]) =>
      `| \`${limit}\` | ${value} | ${cell(because)} ([source](${source})) |`,
  );
  const severities = Object.entries(checks).map(
    ([check, { severity, because, source }]) =>
      `| \`${check}\` | severity ${severity} | ${cell(because)} ([source](${source})) |`,
  );
  const rows = [...limits, ...severities];
  const table = rows.length > 0 ? `\n| what | value | why |\n|---|---|---|\n${rows.join('\n')}\n` : '';
  const links = references.map(({ title, url }) => `[${title}](${url})`);
  const sources = links.length > 0 ? `\nReferences: ${links.join(', ')}\n` : '';
  return `### ${name}\n\n${about}\n${table}${sources}`;
}

/** A bar would begin the next cell. */
function cell(text: string): string {
  return text.replace(/\|/g, '\\|');
}
