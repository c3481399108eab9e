// Mocha's spec reporter with one plain closing line, for whoever reads logs with a program.
const { reporters } = require('mocha');

module.exports = class Reporter extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    process.stdout.write(`tests: ${passes} passed, ${failures} failed, ${pending} skipped\n`);
  }
};
