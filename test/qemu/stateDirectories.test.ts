import { expect } from 'chai';
import { stateDirectories } from '../../src/qemu/stateDirectories.js';

const system = ['/run/libvirt/qemu', '/var/run/libvirt/qemu'];
const user = { HOME: '/home/u', XDG_RUNTIME_DIR: '/run/user/1000' };

describe("the pid files of libvirt's QEMU driver", () => {
  for (const [uri, environment, expected] of [
    ['qemu:///system', user, system],
    ['qemu+unix:///system', user, system],
    ['qemu+tcp://127.0.0.1:16509/system', user, system],
    ['qemu+unix:///system?socket=/run/libvirt/libvirt-sock', user, ['/run/libvirt/qemu', system[1]]],
    ['qemu+unix:///system?socket=/srv/x/sock', user, ['/srv/x/qemu', ...system]],
    ['qemu:///session', user, ['/run/user/1000/libvirt/qemu/run']],
    ['qemu:///session', { HOME: '/home/u' }, ['/home/u/.cache/libvirt/qemu/run']],
    ['qemu:///session', { HOME: '/home/u', XDG_CACHE_HOME: '/c' }, ['/c/libvirt/qemu/run']],
    ['qemu+unix:///session?socket=/x/libvirt/libvirt-sock', user, ['/x/libvirt/qemu/run']],
    ['qemu+unix:///session?socket=relative', user, ['/run/user/1000/libvirt/qemu/run']],
    ['qemu:///embed?root=/srv/embedded', user, ['/srv/embedded/run/qemu']],
    ['qemu:///embed', user, []],
    ['qemu:///embed?root=relative', user, []],
    ['qemu:///', user, []],
    ['qemu+ssh://node7/system', user, []],
    ['test:///default', user, []],
    ['lxc:///system', user, []],
    ['an-alias', user, []],
    ['', user, []],
  ] as const) {
    it(`of ${uri || 'no URI'} are in ${expected[0] ?? 'no known place'}`, () => {
      expect(stateDirectories(uri, environment)).to.deep.equal(expected);
    });
  }
});
