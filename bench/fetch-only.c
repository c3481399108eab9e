/*
 * The floor: what any program pays that reads every domain's definition over one connection, one after the
 * other. Usage: fetch-only URI
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libvirt/libvirt.h>

int main(int argc, char **argv)
{
    virConnectPtr connection;
    virDomainPtr *domains;
    size_t bytes = 0;
    int count, failures = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: %s URI\n", argv[0]);
        return 3;
    }

    /* libvirt itself writes the reason for a failure to stderr. */
    connection = virConnectOpenReadOnly(argv[1]);
    if (connection == NULL)
        return 1;

    count = virConnectListAllDomains(connection, &domains, 0);
    if (count < 0) {
        virConnectClose(connection);
        return 1;
    }

    for (int i = 0; i < count; i++) {
        char *xml = virDomainGetXMLDesc(domains[i], 0);

        if (xml == NULL)
            failures++;
        else
            bytes += strlen(xml);
        free(xml);
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(connection);

    printf("%d domains, %zu bytes\n", count - failures, bytes);
    return failures > 0;
}
