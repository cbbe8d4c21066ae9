. /lab/crowd.inc
crowd 10 1
