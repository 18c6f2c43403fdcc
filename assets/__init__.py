"""What browsers load of a folder of style sheets, scripts and pictures: put together, compressed, kept for a year.

The sources are many small files. A page names one script and few style sheets; each is sent as one file, with all that
it imports in it. The process that sends them puts them together when first asked, so there is nothing to build, nothing
built to check in, and never an old bundle beside new sources. Knows neither gateway nor simulator; both use it.
"""
