"""Reading another publisher's Open Referral UK feed from outside, within limits, and saying what is wrong with it."""
