import { expect } from 'chai';
import { destination } from '../../src/ssh/destination.js';

describe('a host for ssh', () => {
  for (const [text, host] of [
    ['compute7', 'compute7'],
    ['root@compute7', 'compute7'],
    ['root@realm@compute7', 'compute7'],
    ['ssh://compute7', 'compute7'],
    ['ssh://root@compute7:2222', 'compute7'],
    ['ssh://root@[fe80::1%eth0]:22', 'fe80::1%eth0'],
    ['fe80::1', 'fe80::1'],
    ['rechenknoten-größe', 'rechenknoten-größe'],
  ] as const) {
    it(`is ${host} in ${text}`, () => {
      expect(destination(text)).to.deep.equal({ text, host });
    });
  }

  for (const [text, why] of [
    ['-oProxyCommand=reboot', 'is an option'],
    ['root@-oProxyCommand=reboot', 'begins with a hyphen'],
    ['ssh://-oProxyCommand=reboot', 'begins with a hyphen'],
    ['a b', 'characters that no host has'],
    ['a\nb', 'characters that no host has'],
    ['a\u001b[2J', 'characters that no host has'],
    ['a;reboot', 'characters that no host has'],
    ['$(reboot)', 'characters that no host has'],
    ['`reboot`@a', 'characters that no host has'],
    ['root@', 'names no host'],
    ['@compute7', 'names no host'],
    ['ssh://', 'names no host'],
    ['ssh://compute7/etc', 'address with a path'],
    ['a'.repeat(600), 'too long'],
  ] as const) {
    it(`is refused in ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(destination(text)).to.be.a('string').that.contains(why);
    });
  }
});
