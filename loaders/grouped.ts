/** Splits questions by `groupOf`, answers each group in one go, and puts the answers back in the order of the questions. */
export async function answerInGroups<Question, Answer>(
  questions: readonly Question[],
  groupOf: (question: Question) => unknown,
  answer: (group: readonly Question[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const positions = new Map<unknown, number[]>();
  for (const [index, question] of questions.entries()) {
    const group = groupOf(question);
    const known = positions.get(group);
    if (known === undefined) positions.set(group, [index]);
    else known.push(index);
  }
  if (positions.size === 1) return [...(await answer(questions))];
  const answers = new Array<Answer>(questions.length);
  await Promise.all(
    [...positions.values()].map(async (indices) => {
      const group = await answer(indices.map((index) => questions[index] as Question));
      for (const [position, index] of indices.entries()) answers[index] = group[position] as Answer;
    }),
  );
  return answers;
}
