#!/usr/bin/python3
"""The short script an administrator would write: every domain's clock offset. Usage: fetch-and-read-clock.py URI"""

import sys

import libvirt
from lxml import etree

connection = libvirt.openReadOnly(sys.argv[1])
for domain in connection.listAllDomains():
    definition = etree.fromstring(domain.XMLDesc())
    print(domain.name(), definition.find('clock').get('offset'))
connection.close()
