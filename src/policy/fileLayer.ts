import { type CheckDecision, EMPTY_LAYER, type PolicyLayer } from './layer.js';
import type { Mistake, Setting } from './origin.js';
import type { Severity } from './policy.js';
import { PROFILE_NAMES } from './profiles.js';
import { readGuestRules } from './statedGuest.js';
import { THRESHOLD_NAMES, type ThresholdName, thresholdMistake } from './thresholdDescriptions.js';
import { timeZoneMistake } from './timeZone.js';
import { TreeReader } from './treeReader.js';
import { readWaivers } from './waiver.js';
import { readYaml, type YamlTree } from './yamlTree.js';

/** How severe a policy can make a finding, from the mildest. */
export const SEVERITIES = ['info', 'warn', 'fail'] as const satisfies readonly Severity[];

/**
 * Reads the text of a configuration file. Everything wrong with it is told, not only the first mistake.
 * @param file - how the file is called in messages
 */
export function readFileLayer(text: string, file: string): { layer: PolicyLayer; mistakes: Mistake[] } {
  const { tree, mistakes } = readYaml(text, file);
  if (tree === null) return { layer: EMPTY_LAYER, mistakes };
  const reader = new TreeReader(file);
  const layer = readLayer(reader, tree);
  return { layer, mistakes: [...mistakes, ...reader.mistakes] };
}

function readLayer(reader: TreeReader, tree: YamlTree): PolicyLayer {
  const layer: { -readonly [Key in keyof PolicyLayer]: PolicyLayer[Key] } = { ...EMPTY_LAYER };
  reader.keys(tree, 'the configuration', {
    profile: (value) => {
      const profile = reader.choice(value, 'profile', PROFILE_NAMES);
      if (profile) layer.profile = { value: profile, origin: reader.origin(value.at) };
    },
    thresholds: (value) => {
      layer.thresholds = readThresholds(reader, value);
    },
    fleetTimeZone: (value) => {
      const zone = reader.text(value, 'fleetTimeZone');
      const mistake = zone && timeZoneMistake(zone);
      if (mistake) reader.reject(value.at, mistake);
      else if (zone) layer.fleetTimeZone = { value: zone, origin: reader.origin(value.at) };
    },
    checks: (value) => {
      layer.checks = readChecks(reader, value);
    },
    waivers: (value) => {
      layer.waivers = readWaivers(reader, value);
    },
    guests: (value) => {
      layer.guests = readGuestRules(reader, value);
    },
  });
  return layer;
}

function readThresholds(reader: TreeReader, tree: YamlTree): PolicyLayer['thresholds'] {
  const found: Partial<Record<ThresholdName, Setting<number>>> = {};
  const readers = THRESHOLD_NAMES.map((name) => {
    const read = (value: YamlTree) => {
      const limit = reader.number(value, name);
      const mistake = limit === null ? null : thresholdMistake(name, limit);
      if (mistake) reader.reject(value.at, mistake);
      else if (limit !== null) found[name] = { value: limit, origin: reader.origin(value.at) };
    };
    return [name, read] as const;
  });
  reader.keys(tree, 'thresholds', Object.fromEntries(readers));
  return found;
}

function readChecks(reader: TreeReader, tree: YamlTree): Setting<CheckDecision>[] {
  const decisions: Setting<CheckDecision>[] = [];
  reader.entries(tree, 'checks', (pattern, value, at) => {
    if (pattern.trim() === '') return reader.reject(at, 'the id of a check is empty');
    let enabled: boolean | null = null;
    let severity: Severity | null = null;
    const before = reader.mistakes.length;
    reader.keys(value, `the check ${pattern}`, {
      enabled: (it) => {
        enabled = reader.boolean(it, 'enabled');
      },
      severity: (it) => {
        severity = reader.choice(it, 'severity', SEVERITIES);
      },
    });
    if (enabled === null && severity === null) {
      if (reader.mistakes.length > before) return;
      return reader.reject(at, `nothing is said of ${pattern}: give enabled or severity`);
    }
    const decision = {
      pattern,
      ...(enabled !== null && { enabled }),
      ...(severity !== null && { severity }),
    };
    decisions.push({ value: decision, origin: reader.origin(at) });
  });
  return decisions;
}
