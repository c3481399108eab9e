const LIKE_A_SECRET = /secret|passw/i;
const VALUE = /(\svalue\s*=\s*)("[^"]*"|'[^']*')/g;

/**
 * Takes the passwords of VNC and SPICE out of a definition, which libvirt gives to a connection that may write, and what
 * looks like a secret in arguments and variables that are passed through to QEMU. The collector's script does the same.
 */
export function withoutPasswords(xml: string): string {
  return xml
    .replace(/(\spasswd\s*=\s*)("[^"]*"|'[^']*')/g, "$1'(not shown)'")
    .replace(VALUE, (whole, name, value) => (LIKE_A_SECRET.test(value) ? `${name}'(not shown)'` : whole))
    .replace(/<(?:[\w.-]*:)?env\s[^<]*/g, (element) => {
      const [name = ''] = /\sname\s*=\s*("[^"]*"|'[^']*')/.exec(element) ?? [];
      return LIKE_A_SECRET.test(name) ? element.replace(VALUE, "$1'(not shown)'") : element;
    });
}

/** The passwords of VNC and SPICE in a definition, in the order in which they stand there. */
export function passwordsIn(xml: string): string[] {
  return Array.from(xml.matchAll(/\spasswd\s*=\s*("[^"]*"|'[^']*')/g), ([, quoted = '']) =>
    quoted.slice(1, -1),
  );
}

/** A definition as libvirt gives it to whoever may not see passwords. */
export function leavingOutPasswords(xml: string): string {
  return xml.replace(/\spasswd\s*=\s*("[^"]*"|'[^']*')/g, '');
}
