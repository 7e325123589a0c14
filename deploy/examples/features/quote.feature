Feature: A quote

  Background:
    Given the process is created from the "scenarios/quote" scenario
    And "Claire" is the "customer" actor
    And "Bob" is the "sales" actor
    When "Claire" does "request" with:
      | company | Acme               |
      | email   | claire@example.com |
      | wish    | 50 chairs          |

  Scenario: It is accepted
    Then actor "sales" has instruction "Acme needs 50 chairs."
    When "Bob" does "offer" with:
      """
      amount: 1250
      currency: EUR
      """
    Then the state title is "Offer of 1250 EUR"
    When "Claire" does "accept"
    Then the process ended in "accepted" with:
      """
      amount: 1250
      currency: EUR
      """

  Scenario: It expires
    When "Bob" does "offer" with:
      """
      amount: 1250
      currency: EUR
      """
    And 10 days pass
    Then the process ended in "expired"

  Scenario: It is declined, with a reason
    When "Bob" does "decline"
    Then the last event is skipped
    When "Bob" does "decline" with:
      | reason | We only have tables |
    Then the process ended in "declined"
    And variable "reason" is "We only have tables"
