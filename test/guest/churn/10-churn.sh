. /lab/crowd.inc
churn 8 $((MINUTES * 60))
