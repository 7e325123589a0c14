Feature: A conversation

  Scenario: Two people talk in turns
    Given the process is created from the "tutorial/conversation" scenario
    And "Alice" is the "initiator" actor
    And "Bob" is the "recipient" actor
    When "Alice" does "say" with "How are you?"
    And "Bob" does "say" with "Fine. And you?"
    And "Bob" does "say" with "Hello?"
    Then the last event is skipped
    And the state instructions are:
      """
      initiator: 'You heard: Fine. And you?'
      """
    When "Alice" does "leave"
    Then the process ended in "ended"
    And variable "said" is:
      """
      - who: Initiator
        words: How are you?
      - who: Recipient
        words: Fine. And you?
      """
