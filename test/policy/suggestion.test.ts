import { expect } from 'chai';
import { suggestion } from '../../src/policy/suggestion.js';

const words = ['thresholds', 'hostOffsetWarnSeconds', 'hostOffsetFailSeconds', 'checks', 'os'];

describe('a suggestion', () => {
  for (const [word, meant] of [
    ['treshold', 'thresholds'],
    ['threshodls', 'thresholds'],
    ['host-offset-warn-seconds', 'hostOffsetWarnSeconds'],
    ['hostOffsetfailsecond', 'hostOffsetFailSeconds'],
    ['check', 'checks'],
    ['so', 'os'],
  ]) {
    it(`for ${word} is ${meant}`, () => {
      expect(suggestion(word ?? '', words)).to.equal(`; did you mean '${meant}'?`);
    });
  }

  for (const word of ['', 'colour', 'x', 'thresholdsthresholdsthresholds', 'c'.repeat(100_000)]) {
    it(`is not made for ${word.slice(0, 40) || 'nothing'}`, () => {
      expect(suggestion(word, words)).to.equal('');
    });
  }

  it('needs words', () => {
    expect(suggestion('word', [])).to.equal('');
  });
});
