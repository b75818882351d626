"""Does a master earn behind closed doors what it earns in an ordinary kernel?"""
