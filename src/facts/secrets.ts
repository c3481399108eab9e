/**
 * Takes the passwords of VNC and SPICE out of a definition, which libvirt gives to a connection that may write, and what
 * looks like a secret in arguments that are passed through to QEMU.
 */
export function withoutPasswords(xml: string): string {
  return xml
    .replace(/(\spasswd\s*=\s*)("[^"]*"|'[^']*')/g, "$1'(not shown)'")
    .replace(/(\svalue\s*=\s*)("[^"]*"|'[^']*')/g, (whole, name, argument) =>
      /secret|passw/i.test(argument) ? `${name}'(not shown)'` : whole,
    );
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
