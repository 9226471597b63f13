export function openApiTypes(document: { readonly paths: object }): string
