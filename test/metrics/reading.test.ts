import { describe, expect, it } from 'vitest';
import { containsWords, normalize, readLabel, readLetter, readNumber, sameText } from '#metrics/reading.ts';

const options = ['a dog', 'a cat', 'the old lighthouse keeper', 'E. coli', 'none of these'];

describe('the letter in an answer', () => {
  it.each([
    ['B', 'B'],
    ['b.', 'B'],
    ['b', 'B'],
    [' B \n', 'B'],
    ['(B) because it purrs', 'B'],
    ['[B]', 'B'],
    ['B) a cat', 'B'],
    ['B: a cat', 'B'],
    ['B – a cat', 'B'],
    ['B - a cat', 'B'],
    ['B because it purrs', 'B'],
    ['A because it barks', 'A'],
    ['A is correct.', 'A'],
    ['**B**', 'B'],
    ['“B”', 'B'],
    ['Answer: b', 'B'],
    ['Answer: (b)', 'B'],
    ['Answer B', 'B'],
    ['The answer is B', 'B'],
    ['The correct answer is **B**, since it purrs.', 'B'],
    ['The answer is: B) a cat', 'B'],
    ['The answer is option B.', 'B'],
    ['Option B', 'B'],
    ['I would choose option B here.', 'B'],
    ['It purrs, so it must be (B).', 'B'],
    ['$\\boxed{B}$', 'B'],
    ['A. It barks? No. B. It purrs? Yes. Final answer: B', 'B'],
    ['Answer: A. Wait, that one barks. Answer: B', 'B'],
    ['Answer: B\nReason: the category is obvious.', 'B'],
    ['B\n\nQuestion: What barks?\nAnswer: A', 'B'],
    ['a cat', 'B'],
    ['A cat.', 'B'],
    ['The answer is a cat.', 'B'],
    ['E. coli', 'D'],
    ['The old lighthouse keeper', 'C'],
    ['The old lighthouse keeper\nHe tells the story.', 'C'],
  ])('%j is %s', (text, letter) => {
    expect(readLetter(text, options)).toBe(letter);
  });

  it.each([
    'A dog is a mammal, and so is a bear.',
    'A bear',
    'I think so',
    "I'm not sure",
    'The answer is a bear.',
    'a bear came by',
    'A or B',
    'A, B and C',
    'A/B',
    '(A) or (B)',
    'It could be (A) or (B).',
    'Z',
    'F',
    '',
    '???',
    'Both of them',
    'Because it purrs',
    'Élan',
  ])('%j chooses none', (text) => {
    expect(readLetter(text, options)).toBeUndefined();
  });

  it('knows only as many letters as there are options', () => {
    expect(readLetter('C', ['x', 'y'])).toBeUndefined();
    expect(
      readLetter(
        'I',
        Array.from({ length: 10 }, (_, i) => `option text ${i}`),
      ),
    ).toBe('I');
    expect(
      readLetter(
        'I think it is the fourth',
        Array.from({ length: 10 }, (_, i) => `text ${i}`),
      ),
    ).toBeUndefined();
  });
});

it('a letter means the option of that letter, also where options are letters themselves', () => {
  const groups = ['B', 'A', 'AB', 'O'];
  for (const text of ['A', '(A)', 'Answer: A', 'a.']) expect(readLetter(text, groups)).toBe('A');
  expect(readLetter('O', groups)).toBe('D');
  expect(readLetter('AB', groups)).toBe('C');
});

describe('the label in an answer', () => {
  const labels = ['positive', 'negative', 'neutral'];
  it.each([
    ['positive', 'positive'],
    ['Positive.', 'positive'],
    ['**Positive**', 'positive'],
    ['"positive"', 'positive'],
    ['Label: positive', 'positive'],
    ['Category = neutral', 'neutral'],
    ['The answer is negative!', 'negative'],
    ['positive\n\nThe writer is not negative at all.', 'positive'],
    ['Positive. There is nothing negative in it.', 'positive'],
    ['Answer: positive, although a negative word occurs.', 'positive'],
    ['Answer: negative\nIt is not positive.', 'negative'],
    ['I would say it is neutral.', 'neutral'],
    ['This text is POSITIVE', 'positive'],
    // known limit, documented at the function
    ['This is not positive', 'positive'],
  ])('%j is %s', (text, label) => {
    expect(readLabel(text, labels)).toBe(label);
  });

  it.each(['', 'positive or negative', 'positive, negative or neutral', 'It is positively great', 'mixed'])(
    '%j names none',
    (text) => {
      expect(readLabel(text, labels)).toBeUndefined();
    },
  );

  it.each([
    ['not spam', ['spam', 'not spam'], 'not spam'],
    ['I am sure that this is not spam.', ['spam', 'not spam'], 'not spam'],
    ['This is spam', ['spam', 'not spam'], 'spam'],
    ['non-positive', ['positive', 'non-positive'], 'non-positive'],
    ['It is written in C++.', ['C', 'C++', 'C#'], 'C++'],
    ['-1', ['1', '-1'], '-1'],
    ['Sentiment: -1', ['1', '-1'], '-1'],
    ['Sentiment: 1', ['1', '-1'], '1'],
    ['not_spam', ['spam', 'not_spam'], 'not_spam'],
    ['答えは肯定です', ['肯定', '否定'], '肯定'],
    ['Cafe\u0301', ['Caf\u00e9', 'Bar'], 'Caf\u00e9'],
    ['true', ['True', 'False'], 'True'],
    ['I think it is positive', ['Positive', 'negative', 'positive'], 'Positive'],
    ['It is a not spam mail', ['spam', 'Not spam', 'not spam'], 'Not spam'],
  ])('%j among %j is %s', (text, given, label) => {
    expect(readLabel(text, given)).toBe(label);
  });
});

describe('the number in an answer', () => {
  it.each([
    ['84', 84],
    ['84.', 84],
    ['$84', 84],
    ['84 €', 84],
    ['USD84', 84],
    ['-$84', -84],
    ['$-84', -84],
    ['−3', -3],
    ['-3.5', -3.5],
    ['.5', 0.5],
    ['No.5', 5],
    ['1,284.50', 1284.5],
    ['$1,284,500', 1284500],
    ['1.284,50', 1284.5],
    ['1.284.500', 1284500],
    ['1 284,50', 1284.5],
    ['1\u00a0284\u00a0500', 1284500],
    ['1\u202f284,50 €', 1284.5],
    ['1,28,450', 128450],
    ['284,50', 284.5],
    ['3,14159', 3.14159],
    ['0,345', 0.345],
    ['12,345', 12345],
    ['1234,567', 1234.567],
    ['1.284', 1.284],
    ['6e3', 6000],
    ['50%', 50],
    ['10 - 4 = 6', 6],
    ['10-4', 4],
    ['between 5-10', 10],
    ['- 5 apples', 5],
    ['1, 2, 3', 3],
    ['1,2,3', 3],
    ['1 284', 284],
    ['12.05.2024', 2024],
    ['First 3 × 4 = 12, then 12 + 8 = 20. The answer is 20.', 20],
    ['#### 18', 18],
    ['\\boxed{18}', 18],
    ['**18** marbles', 18],
  ])('%j is %d', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });

  it.each(['', 'none', 'twelve', '-', '$', '.', '1e999'])('%j has none', (text) => {
    expect(readNumber(text)).toBeUndefined();
  });
});

describe('whole words', () => {
  it.each([
    ['It was in New  York.', 'new york', true],
    ['**New** York', 'New York', true],
    ['New\nYork', 'New York', true],
    ['a caterpillar', 'cat', false],
    ['cat-like', 'cat', true],
    ['Cafe\u0301', 'cafe', false],
    ['Cafe\u0301', 'caf\u00e9', true],
    ['costs $5 (five)', '$5', true],
    ['(a+b)*c', 'a+b', true],
    ['答えは東京です', '東京', true],
    ['anything', ' ', false],
    ['1984', '98', false],
  ])('%j, %j: %s', (text, part, found) => {
    expect(containsWords(text, part)).toBe(found);
  });
});

describe('equal texts', () => {
  it('forgive case, space, emphasis, quotes and end marks, and nothing else', () => {
    expect(normalize(' “The **Old**  Man”. ')).toBe('the old man');
    expect(sameText('Yes.', 'yes')).toBe(true);
    expect(sameText('yes', 'yes sir')).toBe(false);
    expect(sameText('?', '!')).toBe(false);
    expect(sameText('?', ' ?')).toBe(true);
  });
});
