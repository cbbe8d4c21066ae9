from xenstore_web.main import main

main()
