import { describe, expect, it } from 'vitest';
import { canonicalJson, hashOf, hashWords, sha256Hex } from '#lib/hash.ts';

describe('SHA-256', () => {
  it('matches the published vectors', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashWords('abc')[0]).toBe(0xba7816bf | 0);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(hashOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(hashOf({ b: { d: null, c: [1, 2] }, a: 1 }));
  });

  it('tells apart what differs', () => {
    const different = [
      null,
      0,
      '0',
      '',
      false,
      [],
      {},
      [[]],
      [1, 2],
      [2, 1],
      { a: 1 },
      { a: '1' },
      { a: null },
      { b: 1 },
      ['a', 1],
    ];
    expect(new Set(different.map(hashOf)).size).toBe(different.length);
  });

  it('tells lone surrogates apart, which UTF-8 alone would not', () => {
    expect(hashOf('\ud800')).not.toBe(hashOf('\ud801'));
    expect(hashOf({ '\ud800': 1 })).not.toBe(hashOf({ '\udfff': 1 }));
    expect(hashOf('\ud800')).not.toBe(hashOf('\ufffd'));
  });

  it('drops keys without a value', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it('is JSON again', () => {
    const value = { text: 'a "quoted"\nline', list: [1.5, true, null], '__proto__ ': 'x' };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });
});
