/**
 * A frame on a link: u32 length of the rest, u8 version, u8 code, u32 id, body. All numbers are little-endian. A
 * command with id 0 gets no response. The body of a command: u8 number of keys, per key u16 length and UTF-8, u16
 * length of the options and their JSON, and the payload up to the end of the frame.
 */
export const wireVersion = 2;

/** Bytes before the body. */
export const frameHeaderBytes = 10;

/** Maximum size of the parts of a frame besides its value: a full key chain and options. */
export const frameSlackBytes = 128 * 1024;

/** Maximum size of a reply that is sent or accepted. */
export const maxReplyBytes = 256 * 1024 * 1024;
