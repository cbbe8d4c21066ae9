. /lab/crowd.inc
churn 8 "$DURATION"
