Feature: A proper introduction

  Background:
    Given the process is created from the "tutorial/introduction" scenario
    And "Claire" is the "initiator" actor
    And "Bob" is the "recipient" actor

  Scenario: Both say who they are
    When "Claire" does "introduce" with:
      | name         | Claire |
      | organization | Acme   |
    Then the state title is "{{ actors.initiator.name }} waits for an answer"
    And actor "initiator" has "organization" is "Acme"
    When "Bob" does "introduce" with:
      """
      name: Bob
      """
    Then the process ended in "acquainted"

  Scenario: A name is needed
    When "Claire" does "introduce" with:
      | organization | Acme |
    Then the last event is skipped with "Response is invalid: data must have required property 'name'"

  Scenario: Whoever takes a day is left alone
    When "Claire" does "introduce" with:
      | name | Claire |
    And 23 hours pass
    Then the process is in "introduced"
    When 1 day passes
    Then the process ended in "left_alone"
    And the last event is a timeout
