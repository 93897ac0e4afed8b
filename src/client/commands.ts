export const isClientCommand = (_name: string): boolean => false
export const runClientCommand = async (_name: string, _args: string[], _io: unknown): Promise<number> => 0
