/**
 * Takes the passwords of VNC and SPICE out of a definition, which libvirt gives to a connection that may write, and what
 * looks like a secret in arguments that are passed through to QEMU.
 */
export function withoutPasswords(xml: string): string {
  return xml
    .replace(/(\spasswd\s*=\s*)("[^"]*"|'[^']*')/g, "$1'removed'")
    .replace(/(\svalue\s*=\s*)("[^"]*"|'[^']*')/g, (whole, name, argument) =>
      /secret|passw/i.test(argument) ? `${name}'removed'` : whole,
    );
}
