Feature: A meeting of any number of people

  Background:
    Given the process is created from the "tutorial/meeting" scenario
    And "Claire" is the "chair" actor
    And "Bob" is the "participant_1" actor
    And "Dave" is the "participant_2" actor

  Scenario: It opens when all are there
    When "Bob" does "introduce"
    Then the process is in "arriving"
    When "Dave" does "introduce"
    Then the process is in "open"
    When "Claire" does "decide" with "Fifty chairs"
    And "Claire" does "close"
    Then the process ended in "closed" with:
      | Fifty chairs |

  Scenario Outline: It is called off by the chair alone
    When "<who>" does "call_off"
    Then the process <outcome>

    Examples:
      | who    | outcome               |
      | Claire | ended in "called_off" |
      | Bob    | has not ended         |
