import type { ChronyAnswer, ChronySource } from '../../facts/chrony.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { notSynchronised } from './chronyTracking.js';
import { sharedNetwork } from './networkPlace.js';
import { otherDiscipline } from './otherDiscipline.js';
import { falsetickers, isUsable, namesOf, unusableSources } from './sourceStates.js';

type Answer = Extract<ChronyAnswer, { daemon: 'answers' }>;

export const chronySources: HostCheck = {
  id: 'host/chrony-sources',
  scope: 'host',
  title: 'chronyd has sources enough to tell a wrong one',
  failureTitle: 'chronyd has too few sources, or a wrong one',
  rationale:
    'One server is believed whatever it says. Of two that differ nobody knows which is right. Three outvote one that is wrong, and with four that still holds when one is lost: that is the advice of RFC 8633. A source counts here when it answered one of its last eight polls and chronyd neither finds it a falseticker nor too variable. A reference clock (PHC, PPS, GPS) is trusted alone: such hosts are built around it.',
  outcomes: {
    pass: 'Four usable sources or more (hostSourcesAdvised) from different networks, or a reference clock and another source to compare it with.',
    info: 'Fewer than four (hostSourcesAdvised) but three or more; reference clocks alone; or all from one network (the same /24 of IPv4 or /48 of IPv6), which one fault may cut off or lead astray together.',
    warn: 'A falseticker, which is named; or fewer than three usable sources (hostSourcesWarn) without a reference clock.',
    fail: 'None usable, although the clock was synchronised once: chronyd goes by what it learnt before.',
    unknown: 'chronyd could not be asked.',
    'not-applicable':
      'chronyd does not run; it is not synchronised at all, which host/chrony-tracking says; or another daemon sets the clock.',
  },
  fix: "Have four sources that do not depend on each other (server, or pool with maxsources, in chrony.conf). 'chronyc -n sources -v' tells how each one fares, 'chronyc -n selectdata' why one is not selected. Take a falseticker out, or have its administrator told. Where a single trusted server is meant, lower hostSourcesWarn.",
  references: [
    {
      title: 'RFC 8633, section 3.2, Use Enough Time Sources',
      url: 'https://www.rfc-editor.org/rfc/rfc8633#section-3.2',
    },
    { title: 'chronyc(1), sources and activity', url: 'https://chrony-project.org/doc/4.6/chronyc.html' },
  ],
  needs: ['chrony'],
  evaluate(host, { thresholds }): Verdict {
    const answer = given(host.chrony);
    if (answer.daemon === 'absent') return leftTo('daemon-absent', 'chronyd does not run');
    const other = otherDiscipline(host);
    if (other && answer.steersClock === false) {
      const observed = `chronyd does not set the clock (-x); ${other}`;
      return { outcome: 'not-applicable', code: 'other-daemon', observed };
    }
    const usable = answer.sources.filter(isUsable);
    const observed = count(usable.length, answer.sources.length);
    if (usable.length === 0 && notSynchronised(answer)) return leftTo('not-synchronised', observed);
    const judgement = judge(answer, usable, thresholds);
    const detail = [
      judgement.detail,
      ...unusableSources(answer, usable.length < thresholds.hostSourcesAdvised),
    ];
    const said = detail.filter(Boolean).join('; ');
    return { observed, ...judgement, ...(said && { detail: said }) };
  },
};

type Judgement = Omit<Verdict, 'observed'> & { readonly observed?: string };

function leftTo(code: string, observed: string): Verdict {
  return { outcome: 'not-applicable', code, observed: `${observed}; see host/chrony-tracking` };
}

function count(usable: number, all: number): string {
  if (all === 0) return 'chronyd has no sources';
  return `${usable} of ${all} ${all === 1 ? 'source' : 'sources'} usable`;
}

function judge(answer: Answer, usable: readonly ChronySource[], limits: Thresholds): Judgement {
  const { hostSourcesWarn: fewest, hostSourcesAdvised: advised } = limits;
  const expected =
    fewest === advised ? `${fewest} usable sources` : `${fewest} usable sources at least, better ${advised}`;
  const wrong = falsetickers(answer);
  if (usable.length === 0) {
    return { outcome: 'fail', code: 'none-usable', expected, ...(wrong && { detail: wrong }) };
  }
  if (wrong) {
    return { outcome: 'warn', code: 'falseticker', expected: 'sources that agree', detail: wrong };
  }
  const clocks = usable.filter(({ mode }) => mode === 'refclock');
  if (clocks.length === usable.length) {
    const detail = `${namesOf(clocks)} only: nothing tells if a reference clock goes wrong`;
    return { outcome: 'info', code: 'reference-clock-only', detail };
  }
  if (clocks.length > 0) return { outcome: 'pass', code: 'reference-clock' };
  if (usable.length < fewest) {
    const detail = `with fewer than ${fewest}, a wrong one cannot be outvoted`;
    return { outcome: 'warn', code: 'too-few', expected, detail };
  }
  if (usable.length < advised) {
    const detail = `${advised} are advised, so that one may fail`;
    return { outcome: 'info', code: 'fewer-than-advised', detail };
  }
  const network = sharedNetwork(usable.map(({ name }) => name));
  if (network === null) return { outcome: 'pass', code: 'enough' };
  const detail = `all are in ${network}: one fault may cut them off, or lead them astray, together`;
  return { outcome: 'info', code: 'one-network', detail };
}
