Feature: A handshake

  Background:
    Given the process is created from the "scenarios/handshake" scenario
    And "Alice" is the "initiator" actor
    And "Bob" is the "recipient" actor

  Scenario: It is returned
    When "Alice" does "greet"
    Then actor "recipient" has instruction "Initiator greets you. Say something back."
    When "Bob" does "reply"
    Then the process ended in "done"
    And nothing is skipped

  Scenario: Nobody greets out of turn
    When "Bob" does "reply"
    Then the last event is skipped with "Action 'reply' is not allowed in state 'initial'"
    And the process has not ended
