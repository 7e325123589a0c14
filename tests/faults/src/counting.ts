/** A scenario whose steps can be counted: `add` with a number, as often as one likes, and `finish`. */
export const COUNTING = `
title: Counting
actors: { player: ~ }
actions: { add: { actor: player, response: { type: integer } }, finish: { actor: player } }
states:
  initial:
    transitions:
      - { on: add, goto: ~ }
      - { on: finish, goto: (finished) }
`;
